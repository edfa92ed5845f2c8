# Alarms on what visitors notice. Each says in its description whose side it is and where to look.
locals {
  alarm_actions = setunion(var.alarm_topics, aws_sns_topic.alarms[*].arn)
}

resource "aws_sns_topic" "alarms" {
  count = length(var.alarm_emails) > 0 ? 1 : 0

  # Not encrypted: CloudWatch may not use SNS's own key, and an alarm's text holds no secret.
  name = "${var.name}-alarms"
}

resource "aws_sns_topic_subscription" "alarms" {
  for_each = var.alarm_emails

  topic_arn = aws_sns_topic.alarms[0].arn
  protocol  = "email"
  endpoint  = each.value
}

locals {
  alarms = {
    function-errors = {
      description = local.http_api ? "Hatchway's side: the function failed. Read its log group for ERROR." : "The function failed (Hatchway's side: its log group has ERROR), or answers broke off while they streamed (mostly the service's: its log group has \"answer cut\")."
      namespace   = "AWS/Lambda"
      metric      = "Errors"
      dimensions  = { FunctionName = aws_lambda_function.backend.function_name }
      statistic   = "Sum"
      threshold   = 5
    }
    visitor-errors = {
      description = "Hatchway's side: visitors got 500 from the backend itself. Read its log group for ERROR."
      namespace   = "Hatchway"
      metric      = "Errors"
      dimensions  = { Deployment = var.name, Side = "relay" }
      statistic   = "Sum"
      threshold   = 5
    }
    function-throttles = {
      description = "AWS's side: more requests at once than the account, or reserved_concurrency, allows. Visitors get 503."
      namespace   = "AWS/Lambda"
      metric      = "Throttles"
      dimensions  = { FunctionName = aws_lambda_function.backend.function_name }
      statistic   = "Sum"
      threshold   = 1
    }
    function-duration = {
      description = "Calls come close to the function's limit. Mostly a slow service behind a tunnel; see the dashboard."
      namespace   = "AWS/Lambda"
      metric      = "Duration"
      dimensions  = { FunctionName = aws_lambda_function.backend.function_name }
      statistic   = "Maximum"
      threshold   = (local.function_timeout - 1) * 1000
    }
    socket-errors = {
      description = "Messages of agents did not reach the function or the table: throttled, or refused. Set socket_logs to see why."
      namespace   = "AWS/ApiGateway"
      metric      = "IntegrationError"
      dimensions  = { ApiId = aws_apigatewayv2_api.socket.id, Stage = local.stage }
      statistic   = "Sum"
      threshold   = 5
    }
    table-throttles = {
      description = "AWS's side: the table takes no more writes for the moment, so replies get lost. It grows by itself; a ramp helps."
      namespace   = "AWS/DynamoDB"
      metric      = "WriteThrottleEvents"
      dimensions  = { TableName = aws_dynamodb_table.state.name }
      statistic   = "Sum"
      threshold   = 1
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "backend" {
  # Where answers stream, long calls are usual.
  for_each = { for key, alarm in local.alarms : key => alarm if var.alarms && (local.http_api || key != "function-duration") }

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  threshold           = each.value.threshold
  comparison_operator = "GreaterThanOrEqualToThreshold"
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
}
