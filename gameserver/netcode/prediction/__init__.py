"""The client's side: predict, reconcile, interpolate, and smooth corrections."""
