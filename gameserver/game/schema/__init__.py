"""What is derived from declared fields: tables, copies, dumps, history."""
