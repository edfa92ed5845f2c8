# One question, three rows: is it us (Hatchway), AWS, or a service behind a tunnel?
locals {
  # Metrics that the function writes to its log (embedded metric format). Side: visitor, service, agent or relay, as in
  # the visitors' error pages; for agents that are not let in: agent (the token), relay, aws or keys (of an identity
  # provider, which cannot be had).
  own = { namespace = "Hatchway", deployment = ["Deployment", var.name] }

  columns = 3
  rows = [
    {
      title = "# Us\nErrors here with side **relay** are Hatchway's: look at the log below. **agent**: a computer was offline or went away, or its token is no good."
      graphs = [
        {
          title = "Requests, WebSockets, cold starts", stat = "Sum"
          metrics = [
            concat([local.own.namespace, "Requests"], local.own.deployment),
            concat([local.own.namespace, "Sockets"], local.own.deployment),
            concat([local.own.namespace, "ColdStartMilliseconds"], local.own.deployment, [{ stat = "SampleCount", label = "cold starts" }]),
          ]
        },
        {
          title = "Errors by side, and agents that were not let in", stat = "Sum"
          metrics = concat(
            [
              for side in ["relay", "agent", "service", "visitor"] :
              concat([local.own.namespace, "Errors"], local.own.deployment, ["Side", side, { label = side }])
            ],
            [
              for side in ["relay", "agent", "aws", "keys"] :
              concat([local.own.namespace, "ConnectErrors"], local.own.deployment, ["Side", side, { label = "not let in: ${side}" }])
            ],
          )
        },
        {
          title = "Function: errors and time", stat = "Sum"
          metrics = [
            ["AWS/Lambda", "Errors", "FunctionName", var.name],
            ["AWS/Lambda", "Duration", "FunctionName", var.name, { stat = "p99", yAxis = "right" }],
            concat([local.own.namespace, "ColdStartMilliseconds"], local.own.deployment, [{ stat = "p99", yAxis = "right", label = "cold start" }]),
          ]
        },
      ]
    },
    {
      title = "# AWS\nThrottles mean limits: of the account, of this module (throttle, reserved_concurrency), or of a table that still grows."
      graphs = [
        {
          title = "Throttles", stat = "Sum"
          metrics = [
            ["AWS/Lambda", "Throttles", "FunctionName", var.name],
            ["AWS/DynamoDB", "WriteThrottleEvents", "TableName", var.name],
            ["AWS/DynamoDB", "ReadThrottleEvents", "TableName", var.name],
            concat([local.own.namespace, "Throttles"], local.own.deployment, [{ label = "seen by the function" }]),
          ]
        },
        {
          title = "Gateways: failed calls", stat = "Sum"
          metrics = concat(
            [["AWS/ApiGateway", "IntegrationError", "ApiId", aws_apigatewayv2_api.socket.id, "Stage", local.stage, { label = "agents" }]],
            [for api in aws_apigatewayv2_api.http : ["AWS/ApiGateway", "5xx", "ApiId", api.id, { label = "visitors 5xx" }]],
          )
        },
        {
          title = "At once, connections, messages", stat = "Maximum"
          metrics = [
            ["AWS/Lambda", "ConcurrentExecutions", "FunctionName", var.name],
            ["AWS/ApiGateway", "ConnectCount", "ApiId", aws_apigatewayv2_api.socket.id, "Stage", local.stage, { stat = "Sum" }],
            ["AWS/ApiGateway", "MessageCount", "ApiId", aws_apigatewayv2_api.socket.id, "Stage", local.stage, { stat = "Sum", yAxis = "right" }],
          ]
        },
      ]
    },
    {
      title = "# Your service\nThe wait is the time from the request's way to the agent until its answer. Errors with side **service** came from behind the tunnel."
      graphs = [
        {
          title = "Wait for the agent (ms)", stat = "p50"
          metrics = [
            for stat in ["p50", "p95", "p99"] :
            concat([local.own.namespace, "WaitMilliseconds"], local.own.deployment, [{ stat = stat, label = stat }])
          ]
        },
        {
          title = "Bytes, and calls of the bucket", stat = "Sum"
          metrics = [
            concat([local.own.namespace, "RequestBytes"], local.own.deployment),
            concat([local.own.namespace, "ResponseBytes"], local.own.deployment),
            concat([local.own.namespace, "BlobCalls"], local.own.deployment, [{ yAxis = "right" }]),
          ]
        },
        { title = "Polls per request", stat = "Average", metrics = [concat([local.own.namespace, "Polls"], local.own.deployment)] },
      ]
    },
  ]
}

resource "aws_cloudwatch_dashboard" "backend" {
  count = var.dashboard ? 1 : 0

  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = concat(
      flatten([
        for row, content in local.rows : [
          { type = "text", x = 0, y = row * 9, width = 24, height = 2, properties = { markdown = content.title } },
          [
            for column, graph in content.graphs : {
              type       = "metric", x = column * 8, y = row * 9 + 2, width = 24 / local.columns, height = 7
              properties = { region = local.region, view = "timeSeries", period = 60, title = graph.title, stat = graph.stat, metrics = graph.metrics }
            }
          ],
        ]
      ]),
      [{
        type = "log", x = 0, y = 27, width = 24, height = 7
        properties = {
          region = local.region
          title  = "What went wrong lately"
          view   = "table"
          query  = "SOURCE '${aws_cloudwatch_log_group.function.name}' | fields @timestamp, level, message, @message | filter level in ['WARNING', 'ERROR', 'CRITICAL'] or ispresent(errorType) | sort @timestamp desc | limit 50"
        }
      }],
    )
  })
}
