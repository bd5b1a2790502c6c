"""Store credit: money that the shop owes a customer, who may spend it here and nowhere else."""
