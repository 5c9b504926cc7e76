"""The operator's side of a running server: who may do what, what there is to see and to do."""
