# Tokens, tunnels, connections, and replies on their way: one table, since one request then needs one.
resource "aws_dynamodb_table" "state" {
  name                        = var.name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "pk"
  range_key                   = "sk"
  deletion_protection_enabled = var.deletion_protection

  # Only keys are declared: any other attribute here would be a difference for ever.
  attribute {
    name = "pk"
    type = "S"
  }
  attribute {
    name = "sk"
    type = "S"
  }

  # Deleting by TTL is free; deleting in code would cost as much as writing.
  ttl {
    attribute_name = "ttl"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = var.point_in_time_recovery
  }

  # The key of AWS: one of your own is asked, and paid, at each request.
  server_side_encryption {
    enabled = false
  }
}
