"""What people may cost and hold: rates, budgets, bytes."""
