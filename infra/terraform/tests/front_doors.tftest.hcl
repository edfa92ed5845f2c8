# The ways in: Function URL, domains, tokens of an identity provider.
mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package = "versions.tf"
}

run "function_url" {
  variables {
    front_door = "function_url"
  }
  assert {
    condition     = output.public_url == "https://abcdefghijklmnop.lambda-url.eu-central-1.on.aws"
    error_message = "Visitors use the function's own address."
  }
  assert {
    condition     = aws_lambda_function.backend.environment[0].variables["HATCHWAY_PUBLIC_URL"] == "" && jsondecode(aws_dynamodb_table_item.public_url[0].item).url.S == output.public_url
    error_message = "The function learns its address from the table."
  }
  assert {
    condition     = jsondecode(aws_cloudformation_stack.url_permission[0].template_body).Resources.Permission.Properties.InvokedViaFunctionUrl
    error_message = "Anybody may call the function through its URL, nobody otherwise."
  }
  assert {
    condition     = length(aws_apigatewayv2_api.http) + length(aws_lambda_permission.http) == 0
    error_message = "There is one front door."
  }
  assert {
    condition     = aws_lambda_function_url.front_door[0].invoke_mode == "RESPONSE_STREAM" && aws_lambda_function.backend.environment[0].variables["AWS_LAMBDA_EXEC_WRAPPER"] == "/var/task/backend_lambda/streaming/start.sh"
    error_message = "Answers stream, by the runtime in the package."
  }
  assert {
    condition     = aws_lambda_function.backend.timeout == 300 && aws_apigatewayv2_integration.function.timeout_milliseconds == 29000
    error_message = "Streams last as long as the function may run; the agents' API has its own limit."
  }
  assert {
    condition     = !contains(keys(aws_cloudwatch_metric_alarm.backend), "function-duration")
    error_message = "Long calls are usual here."
  }
}

run "domain_with_everything_made" {
  variables {
    domain = { name = "tunnels.example.com", zone_id = "Z0123456789" }
  }
  assert {
    condition     = output.public_url == "https://tunnels.example.com" && output.host_base == "tunnels.example.com"
    error_message = "The domain is the address, and the base of the tunnels' hosts."
  }
  assert {
    condition     = aws_apigatewayv2_api.http[0].disable_execute_api_endpoint
    error_message = "There is one front door."
  }
  assert {
    condition     = toset([for domain in aws_apigatewayv2_domain_name.front_door : domain.domain_name]) == toset(["tunnels.example.com", "*.tunnels.example.com"])
    error_message = "The name and its wildcard lead here."
  }
  assert {
    condition     = length(aws_route53_record.front_door) == 2 && length(aws_route53_record.certificate) == 1 && length(output.dns_records) == 0
    error_message = "All records are made."
  }
  assert {
    condition     = alltrue([for mapping in aws_apigatewayv2_api_mapping.front_door : mapping.api_mapping_key == null])
    error_message = "A mapping key would come before the tunnels' names."
  }
  assert {
    condition     = contains(flatten([for rule in aws_s3_bucket_cors_configuration.bodies.cors_rule : rule.allowed_origins]), "https://*.tunnels.example.com")
    error_message = "Pages of tunnels may fetch large answers."
  }
  assert {
    condition     = [for rule in aws_s3_bucket_cors_configuration.bodies.cors_rule : contains(rule.allowed_methods, "PUT") if contains(rule.allowed_origins, "*")] == [false] && length([for rule in aws_s3_bucket_cors_configuration.bodies.cors_rule : rule if contains(rule.allowed_methods, "PUT")]) == 1
    error_message = "Only pages of tunnels may put uploads there."
  }
}

run "domain_with_own_certificate_and_dns" {
  variables {
    domain = {
      name            = "tunnels.example.com"
      wildcard        = false
      certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/mine"
    }
  }
  assert {
    condition     = length(aws_acm_certificate.front_door) + length(aws_route53_record.front_door) == 0
    error_message = "Nothing is made that is there already."
  }
  assert {
    condition     = aws_apigatewayv2_domain_name.front_door["path"].domain_name_configuration[0].certificate_arn == "arn:aws:acm:eu-central-1:123456789012:certificate/mine"
    error_message = "The given certificate is used."
  }
  assert {
    condition     = keys(output.dns_records) == ["tunnels.example.com"] && output.host_base == ""
    error_message = "The records to make are told."
  }
}

run "jwt_by_public_keys" {
  variables {
    jwt = { issuer = "https://id.example.com", audience = "hatchway", algorithms = ["RS256", "ES256"], jwks_url = "https://id.example.com/keys" }
  }
  assert {
    condition     = jsondecode(aws_lambda_function.backend.environment[0].variables["HATCHWAY_JWT"]) == { issuer = "https://id.example.com", audience = "hatchway", algorithms = ["RS256", "ES256"], jwks_url = "https://id.example.com/keys" }
    error_message = "The function is told what to check, and nothing more."
  }
}

run "jwt_by_secret" {
  variables {
    jwt = { issuer = "https://id.example.com", audience = "hatchway", algorithms = ["HS256"], secret_parameter = "/hatchway/jwt", secret_kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/k" }
  }
  assert {
    condition     = jsondecode(aws_lambda_function.backend.environment[0].variables["HATCHWAY_JWT"]).secret_parameter == "/hatchway/jwt"
    error_message = "The function is told where the key is, not the key."
  }
  assert {
    condition     = length([for statement in data.aws_iam_policy_document.function.statement : statement if contains(["TokenKey", "TokenKeyEncryption"], coalesce(statement.sid, "-"))]) == 2
    error_message = "The function may read that parameter and use its key."
  }
}
