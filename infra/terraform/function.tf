resource "aws_lambda_function" "backend" {
  function_name = var.name
  description   = "Hatchway: tunnels to developers' computers"
  role          = aws_iam_role.function.arn

  runtime          = "python3.13"
  architectures    = ["arm64"]
  handler          = "backend_lambda.entry.handler"
  filename         = var.package
  source_code_hash = filebase64sha256(var.package)

  memory_size                    = var.memory
  timeout                        = local.function_timeout
  reserved_concurrent_executions = var.reserved_concurrency

  environment {
    variables = merge(local.http_api ? {} : { AWS_LAMBDA_EXEC_WRAPPER = local.streaming_runtime }, {
      HATCHWAY_TABLE        = aws_dynamodb_table.state.name
      HATCHWAY_BUCKET       = aws_s3_bucket.bodies.bucket
      HATCHWAY_CALLBACK_URL = local.callback_url
      HATCHWAY_SOCKET_URL   = local.socket_url
      HATCHWAY_PUBLIC_URL   = local.known_public_url
      HATCHWAY_HOST_BASE    = local.host_base
      HATCHWAY_JWT          = local.jwt
      HATCHWAY_LOG_LEVEL    = var.log_level
    })
  }

  # JSON, for without it Lambda's own lines on each call cost more than the call's DynamoDB reads. Its filter must not be
  # stricter than INFO: metrics are log lines too. The handler itself leaves out what is below log_level.
  logging_config {
    log_format            = "JSON"
    log_group             = aws_cloudwatch_log_group.function.name
    application_log_level = "INFO"
    system_log_level      = "WARN"
  }

  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough"
  }

  # Without its rights the first calls would fail, and without its log group Lambda would make one that keeps everything.
  depends_on = [aws_iam_role_policy.function]
}

resource "aws_cloudwatch_log_group" "function" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
}

# Each API may call the function for the routes that it has, and for no other.
resource "aws_lambda_permission" "socket" {
  for_each = local.function_routes

  statement_id  = "socket-${trimprefix(each.key, "$")}"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.backend.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.socket.execution_arn}/${local.stage}/${each.key}"
}

resource "aws_lambda_permission" "http" {
  count = local.http_api ? 1 : 0

  statement_id  = "http"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.backend.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.http[0].execution_arn}/*/$default"
}
