"""Language models as people use them: what they learn from, how they score, draw and complete."""
