"""Networks: shapes and weights, nothing about prices."""
