"""Everything derived from declared fields: tables, copy and check functions, dumps, history."""
