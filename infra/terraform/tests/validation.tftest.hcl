# Values that cannot work are refused before anything is made.
mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package = "versions.tf"
}

run "not_built" {
  command = plan
  variables {
    package = "not-built.zip"
  }
  expect_failures = [var.package]
}

run "name_with_capitals" {
  command = plan
  variables {
    name = "Has_Capitals"
  }
  expect_failures = [var.name]
}

run "name_too_long" {
  command = plan
  variables {
    name = "much-too-long-for-the-names-of-roles"
  }
  expect_failures = [var.name]
}

run "region_by_city" {
  command = plan
  variables {
    region = "Frankfurt"
  }
  expect_failures = [var.region]
}

run "tag_of_ours" {
  command = plan
  variables {
    tags = { "hatchway:deployment" = "other" }
  }
  expect_failures = [var.tags]
}

run "unknown_front_door" {
  command = plan
  variables {
    front_door = "load_balancer"
  }
  expect_failures = [var.front_door]
}

run "domain_with_scheme" {
  command = plan
  variables {
    domain = { name = "https://tunnels.example.com", zone_id = "Z1" }
  }
  expect_failures = [var.domain]
}

run "domain_with_asterisk" {
  command = plan
  variables {
    domain = { name = "*.example.com", zone_id = "Z1" }
  }
  expect_failures = [var.domain]
}

run "domain_without_certificate" {
  command = plan
  variables {
    domain = { name = "tunnels.example.com" }
  }
  expect_failures = [var.domain]
}

run "endless_answers" {
  command = plan
  variables {
    front_door     = "function_url"
    longest_answer = 3600
  }
  expect_failures = [var.longest_answer]
}

run "domain_of_a_function_url" {
  command = plan
  variables {
    domain     = { name = "tunnels.example.com", zone_id = "Z1" }
    front_door = "function_url"
  }
  expect_failures = [var.domain]
}

run "jwt_without_signature" {
  command = plan
  variables {
    jwt = { issuer = "i", audience = "a", algorithms = ["none"] }
  }
  expect_failures = [var.jwt]
}

run "jwt_without_keys" {
  command = plan
  variables {
    jwt = { issuer = "i", audience = "a", algorithms = ["RS256"] }
  }
  expect_failures = [var.jwt]
}

run "jwt_with_open_keys" {
  command = plan
  variables {
    jwt = { issuer = "i", audience = "a", algorithms = ["RS256"], jwks_url = "http://id.example.com/keys" }
  }
  expect_failures = [var.jwt]
}

run "jwt_without_secret" {
  command = plan
  variables {
    jwt = { issuer = "i", audience = "a", algorithms = ["HS256"] }
  }
  expect_failures = [var.jwt]
}

run "jwt_with_both" {
  command = plan
  variables {
    jwt = { issuer = "i", audience = "a", algorithms = ["RS256"], jwks_url = "https://k", secret_parameter = "/k" }
  }
  expect_failures = [var.jwt]
}

run "memory_too_small" {
  command = plan
  variables {
    memory = 64
  }
  expect_failures = [var.memory]
}

run "concurrency_of_none" {
  command = plan
  variables {
    reserved_concurrency = 0
  }
  expect_failures = [var.reserved_concurrency]
}

run "throttle_of_everything" {
  command = plan
  variables {
    throttle = { rate = 0, burst = 0 }
  }
  expect_failures = [var.throttle]
}

run "log_level_that_tells_secrets" {
  command = plan
  variables {
    log_level = "DEBUG"
  }
  expect_failures = [var.log_level]
}

run "retention_unknown" {
  command = plan
  variables {
    log_retention_days = 10
  }
  expect_failures = [var.log_retention_days]
}

run "mail_without_address" {
  command = plan
  variables {
    alarm_emails = ["nobody"]
  }
  expect_failures = [var.alarm_emails]
}

run "topic_without_arn" {
  command = plan
  variables {
    alarm_topics = ["pager"]
  }
  expect_failures = [var.alarm_topics]
}

run "budget_below_zero" {
  command = plan
  variables {
    monthly_budget = -1
  }
  expect_failures = [var.monthly_budget]
}

run "budget_that_tells_nobody" {
  command = plan
  variables {
    monthly_budget = 10
  }
  expect_failures = [var.monthly_budget]
}
