# What a plain deployment is. The provider is a mock here: nothing of this asks AWS.
mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package = "versions.tf" # any file: nobody runs it here
}

run "plain" {
  assert {
    condition     = output.public_url == aws_apigatewayv2_api.http[0].api_endpoint && output.host_base == ""
    error_message = "Without a domain, visitors use the address that AWS gives."
  }
  assert {
    condition     = aws_apigatewayv2_api.http[0].disable_execute_api_endpoint == false
    error_message = "That address must be open then."
  }
  assert {
    condition     = output.socket_url == "wss://${aws_apigatewayv2_api.socket.id}.execute-api.eu-central-1.amazonaws.com/live"
    error_message = "Agents connect to the stage live."
  }
  assert {
    condition     = aws_lambda_function.backend.environment[0].variables["HATCHWAY_CALLBACK_URL"] == "https://${aws_apigatewayv2_api.socket.id}.execute-api.eu-central-1.amazonaws.com/live"
    error_message = "The function posts to the stage that agents connect to."
  }
  assert {
    condition     = aws_lambda_function.backend.environment[0].variables["HATCHWAY_JWT"] == ""
    error_message = "Without jwt there are opaque tokens only."
  }
  assert {
    condition     = length(aws_lambda_function_url.front_door) + length(aws_cloudformation_stack.url_permission) + length(aws_acm_certificate.front_door) + length(aws_sns_topic.alarms) + length(aws_budgets_budget.monthly) + length(aws_api_gateway_account.logging) == 0
    error_message = "What was not asked for is not made."
  }
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.backend) == 6 && length(aws_cloudwatch_dashboard.backend) == 1
    error_message = "Alarms and a dashboard are part of it."
  }
}

run "without_extras" {
  variables {
    alarms    = false
    dashboard = false
  }
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.backend) + length(aws_cloudwatch_dashboard.backend) == 0
    error_message = "alarms and dashboard can be left out."
  }
  assert {
    condition     = output.dashboard_url == null
    error_message = "No dashboard, no address of one."
  }
}

run "with_all_extras" {
  variables {
    name                     = "team-a"
    tags                     = { team = "a" }
    alarm_emails             = ["ops@example.com", "dev@example.com"]
    alarm_topics             = ["arn:aws:sns:eu-central-1:123456789012:pager"]
    monthly_budget           = 25.5
    tracing                  = true
    access_logs              = true
    socket_logs              = true
    api_gateway_logging_role = true
    point_in_time_recovery   = true
    deletion_protection      = true
    reserved_concurrency     = 50
  }
  assert {
    condition     = aws_budgets_budget.monthly[0].limit_amount == "25.5" && contains(flatten([for filter in aws_budgets_budget.monthly[0].cost_filter : filter.values]), "user:hatchway:deployment$team-a")
    error_message = "The budget counts what carries this deployment's tag."
  }
  assert {
    condition     = length(aws_sns_topic_subscription.alarms) == 2
    error_message = "Each address is subscribed."
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.backend : length(alarm.alarm_actions) == 2])
    error_message = "Alarms go to the topic made here and to that given."
  }
  assert {
    condition     = aws_apigatewayv2_stage.socket.default_route_settings[0].logging_level == "ERROR" && aws_apigatewayv2_stage.socket.default_route_settings[0].data_trace_enabled == false
    error_message = "Logs of the agents' API hold errors, never what was sent."
  }
  assert {
    condition     = !strcontains(tolist(aws_apigatewayv2_stage.http[0].access_log_settings)[0].format, "context.path") && !strcontains(tolist(aws_apigatewayv2_stage.http[0].access_log_settings)[0].format, "sourceIp")
    error_message = "Access logs hold neither paths nor addresses of visitors."
  }
}
