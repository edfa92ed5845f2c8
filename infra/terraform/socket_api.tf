# Where agents connect, and visitors' WebSockets. Replies (`reply`) go to the table without the function.
locals {
  function_routes = toset(["$connect", "$disconnect", "$default"])
}

resource "aws_apigatewayv2_api" "socket" {
  name                       = "${var.name}-socket"
  description                = "Hatchway: agents"
  protocol_type              = "WEBSOCKET"
  route_selection_expression = "$request.body.type"
}

resource "aws_apigatewayv2_integration" "function" {
  api_id                    = aws_apigatewayv2_api.socket.id
  description               = "Connections, and messages other than replies"
  integration_type          = "AWS_PROXY"
  integration_method        = "POST"
  integration_uri           = aws_lambda_function.backend.invoke_arn
  content_handling_strategy = "CONVERT_TO_TEXT"
  timeout_milliseconds      = local.socket_integration_limit * 1000
}

resource "aws_apigatewayv2_route" "function" {
  for_each = local.function_routes

  api_id    = aws_apigatewayv2_api.socket.id
  route_key = each.key
  target    = "integrations/${aws_apigatewayv2_integration.function.id}"
  # The function judges the token at $connect itself: an authorizer would be a second call, and knows no JWT here either.
  authorization_type = "NONE"
}

resource "aws_apigatewayv2_integration" "reply" {
  api_id                        = aws_apigatewayv2_api.socket.id
  description                   = "Replies, straight into the table"
  integration_type              = "AWS"
  integration_method            = "POST"
  integration_uri               = "arn:${local.partition}:apigateway:${local.region}:dynamodb:action/PutItem"
  credentials_arn               = aws_iam_role.socket.arn
  passthrough_behavior          = "NEVER"
  template_selection_expression = "\\$default"
  timeout_milliseconds          = 5000

  request_templates = {
    "$default" = templatefile("${path.module}/templates/reply.vtl.tftpl", {
      table   = aws_dynamodb_table.state.name
      seconds = local.reply_lifetime
    })
  }
}

# Integrations that are no proxies need one, though the route answers nobody.
resource "aws_apigatewayv2_integration_response" "reply" {
  api_id                   = aws_apigatewayv2_api.socket.id
  integration_id           = aws_apigatewayv2_integration.reply.id
  integration_response_key = "$default"
}

resource "aws_apigatewayv2_route" "reply" {
  api_id             = aws_apigatewayv2_api.socket.id
  route_key          = "reply"
  target             = "integrations/${aws_apigatewayv2_integration.reply.id}"
  authorization_type = "NONE" # only $connect can have another
}

resource "aws_apigatewayv2_stage" "socket" {
  api_id      = aws_apigatewayv2_api.socket.id
  name        = local.stage
  auto_deploy = true

  default_route_settings {
    throttling_rate_limit    = var.throttle.rate * 4
    throttling_burst_limit   = var.throttle.burst * 4
    detailed_metrics_enabled = false
    data_trace_enabled       = false # it would write tokens and bodies
    logging_level            = var.socket_logs ? "ERROR" : "OFF"
  }

  # A stage that is there before its routes, or whose logs have no role yet, is refused or deployed empty.
  depends_on = [
    aws_apigatewayv2_route.function,
    aws_apigatewayv2_route.reply,
    aws_apigatewayv2_integration_response.reply,
    aws_api_gateway_account.logging,
  ]
}

resource "aws_cloudwatch_log_group" "socket" {
  count = var.socket_logs ? 1 : 0

  # API Gateway chooses this name itself; made here, it does not keep everything for ever.
  name              = "/aws/apigateway/${aws_apigatewayv2_api.socket.id}/${local.stage}"
  retention_in_days = var.log_retention_days
}

resource "aws_api_gateway_account" "logging" {
  count = var.api_gateway_logging_role ? 1 : 0

  cloudwatch_role_arn = aws_iam_role.logging[0].arn
}

resource "aws_iam_role" "logging" {
  count = var.api_gateway_logging_role ? 1 : 0

  name               = "${var.name}-api-gateway-logs"
  description        = "API Gateway writes logs with it, those of all APIs in this account and region"
  assume_role_policy = data.aws_iam_policy_document.logging_trust.json
}

# Without a condition on the account: API Gateway tries the role when it is named, and what it says of itself then is not
# documented.
data "aws_iam_policy_document" "logging_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["apigateway.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy_attachment" "logging" {
  count = var.api_gateway_logging_role ? 1 : 0

  role       = aws_iam_role.logging[0].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}
