"""Terraform: the module in infra/terraform, with the real provider and without a cloud."""
