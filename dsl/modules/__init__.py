"""Modules: what ``uses`` brings in, what a module asks for, and how all of it becomes one scenario's sections."""
