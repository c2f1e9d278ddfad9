"""Elaboration: from surface trees to core expressions, every name resolved, every type and unit checked."""
