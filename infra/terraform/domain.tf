# A domain of your own: the name for paths and, with wildcard, one host per tunnel.
locals {
  # What the domain is called → what it is for. Empty without a domain.
  hosts = local.has_domain ? merge(
    { path = var.domain.name },
    local.wildcard ? { host = "*.${var.domain.name}" } : {},
  ) : {}
  certificate_arn = local.makes_cert ? one(aws_acm_certificate_validation.front_door[*].certificate_arn) : try(var.domain.certificate_arn, null)
}

resource "aws_acm_certificate" "front_door" {
  count = local.makes_cert ? 1 : 0

  domain_name               = var.domain.name
  subject_alternative_names = local.wildcard ? ["*.${var.domain.name}"] : []
  validation_method         = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

# A name and its wildcard are proven by the same record, so one is enough.
resource "aws_route53_record" "certificate" {
  count = local.makes_cert ? 1 : 0

  zone_id         = var.domain.zone_id
  name            = tolist(aws_acm_certificate.front_door[0].domain_validation_options)[0].resource_record_name
  type            = tolist(aws_acm_certificate.front_door[0].domain_validation_options)[0].resource_record_type
  records         = [tolist(aws_acm_certificate.front_door[0].domain_validation_options)[0].resource_record_value]
  ttl             = 300
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "front_door" {
  count = local.makes_cert ? 1 : 0

  certificate_arn         = aws_acm_certificate.front_door[0].arn
  validation_record_fqdns = [aws_route53_record.certificate[0].fqdn]
}

resource "aws_apigatewayv2_domain_name" "front_door" {
  for_each = local.hosts

  domain_name = each.value

  domain_name_configuration {
    certificate_arn = local.certificate_arn
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_2"
  }
}

# No mapping key: it would be a path of its own before the tunnels' names.
resource "aws_apigatewayv2_api_mapping" "front_door" {
  for_each = local.hosts

  api_id      = aws_apigatewayv2_api.http[0].id
  domain_name = aws_apigatewayv2_domain_name.front_door[each.key].id
  stage       = aws_apigatewayv2_stage.http[0].id
}

resource "aws_route53_record" "front_door" {
  for_each = local.makes_dns ? local.hosts : {}

  zone_id = var.domain.zone_id
  name    = each.value
  type    = "A"

  alias {
    name                   = aws_apigatewayv2_domain_name.front_door[each.key].domain_name_configuration[0].target_domain_name
    zone_id                = aws_apigatewayv2_domain_name.front_door[each.key].domain_name_configuration[0].hosted_zone_id
    evaluate_target_health = false
  }
}
