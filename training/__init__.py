"""Corpora from traces, and the trainers that use them."""
