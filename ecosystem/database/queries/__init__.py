"""All SQL of the product, one module a subject. Services call these, nobody else."""
