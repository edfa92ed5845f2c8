# The function's rights: what its code calls, on what is its own.
resource "aws_iam_role" "function" {
  name               = "${var.name}-function"
  description        = "Hatchway ${var.name}: the function"
  assume_role_policy = data.aws_iam_policy_document.function_trust.json
}

data "aws_iam_policy_document" "function_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "function" {
  name   = "hatchway"
  role   = aws_iam_role.function.id
  policy = data.aws_iam_policy_document.function.json
}

data "aws_iam_policy_document" "function" {
  statement {
    sid       = "State"
    actions   = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"]
    resources = [aws_dynamodb_table.state.arn]
  }

  statement {
    sid     = "Connections"
    actions = ["execute-api:ManageConnections"]
    resources = [
      for method in ["POST", "DELETE"] :
      "${aws_apigatewayv2_api.socket.execution_arn}/${local.stage}/${method}/@connections/*"
    ]
  }

  # A presigned URL carries exactly these rights.
  statement {
    sid       = "Bodies"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${aws_s3_bucket.bodies.arn}/r/*", "${aws_s3_bucket.bodies.arn}/q/*"]
  }

  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.function.arn}:*"]
  }

  dynamic "statement" {
    for_each = var.tracing ? [1] : []

    content {
      sid       = "Traces"
      actions   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
      resources = ["*"] # X-Ray knows no resources
    }
  }

  dynamic "statement" {
    for_each = try(var.jwt.secret_parameter, null) == null ? [] : [var.jwt.secret_parameter]

    content {
      sid       = "TokenKey"
      actions   = ["ssm:GetParameter"]
      resources = ["arn:${local.partition}:ssm:${local.region}:${local.account}:parameter${statement.value}"]
    }
  }

  dynamic "statement" {
    for_each = try(var.jwt.secret_kms_key_arn, null) == null ? [] : [var.jwt.secret_kms_key_arn]

    content {
      sid       = "TokenKeyEncryption"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]
    }
  }
}

# The agents' API puts replies into the table, and that is all it may do. What row it is, the template decides: the
# partition key is the connection's own id, so nobody answers for somebody else, nor writes rows of another kind, whose
# keys have a # in them. A condition on dynamodb:LeadingKeys could say no more than that.
resource "aws_iam_role" "socket" {
  name               = "${var.name}-socket"
  description        = "Hatchway ${var.name}: replies from the agents' API to the table"
  assume_role_policy = data.aws_iam_policy_document.socket_trust.json
}

data "aws_iam_policy_document" "socket_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["apigateway.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_iam_role_policy" "socket" {
  name   = "hatchway"
  role   = aws_iam_role.socket.id
  policy = data.aws_iam_policy_document.socket.json
}

data "aws_iam_policy_document" "socket" {
  statement {
    sid       = "Replies"
    actions   = ["dynamodb:PutItem"]
    resources = [aws_dynamodb_table.state.arn]
  }
}
