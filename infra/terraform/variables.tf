variable "name" {
  description = "Name of this deployment: the function's and the table's name, and the beginning of all others. Several may live in one account and region."
  type        = string
  default     = "hatchway"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.name))
    error_message = "name needs 3 to 24 lower-case letters, digits and inner hyphens, and begins with a letter."
  }
}

variable "region" {
  description = "AWS region, such as eu-central-1. null: what the AWS configuration of this computer says."
  type        = string
  default     = null

  validation {
    condition     = var.region == null || can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be the code of a region, such as eu-central-1."
  }
}

variable "tags" {
  description = "Tags on everything that can have tags, beside hatchway:deployment."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key in keys(var.tags) : !startswith(lower(key), "aws:") && !startswith(key, "hatchway:")])
    error_message = "Tags that begin with aws: belong to AWS, those that begin with hatchway: to this module."
  }
}

variable "package" {
  description = "The function's code as a zip file; `make lambda` writes it."
  type        = string
  default     = "../../dist/lambda.zip"

  validation {
    condition     = fileexists(var.package)
    error_message = "There is no such package. Run `make lambda` in the top folder of Hatchway first."
  }
}

variable "front_door" {
  description = "What visitors talk to. http_api: API Gateway, with throttling and, if you like, a domain of your own. function_url: the function itself; answers stream as they come (server-sent events, long downloads), no fee per request, paths arrive as they were sent, no domain of your own."
  type        = string
  default     = "http_api"

  validation {
    condition     = contains(["http_api", "function_url"], var.front_door)
    error_message = "front_door is http_api or function_url."
  }
}

variable "longest_answer" {
  description = "Seconds after which an answer that still streams is cut off, with front_door = function_url. Lambda does not tell when a visitor leaves, so a stream without an end costs this long each time: 300 seconds at 512 MB are 0.2 cents."
  type        = number
  default     = 300

  validation {
    # The head alone may take 120.
    condition     = var.longest_answer >= 150 && var.longest_answer <= 900 && floor(var.longest_answer) == var.longest_answer
    error_message = "longest_answer is a whole number of seconds from 150 to 900, the most that Lambda allows."
  }
}

variable "domain" {
  description = <<-EOT
    A domain of your own for visitors, for front_door = "http_api". null: the address that AWS gives.
    name: https://name/<tunnel>/… are the tunnels. Choose a domain that serves nothing else: what runs behind a tunnel may set cookies for it.
    wildcard: https://<tunnel>.name/ too, so that each tunnel is an origin of its own.
    zone_id: Route 53 zone of the name; records are made in it, and a certificate unless there is one.
    certificate_arn: certificate (ACM, same region) for name and, with wildcard, *.name. Needed without zone_id.
  EOT
  type = object({
    name            = string
    wildcard        = optional(bool, true)
    zone_id         = optional(string)
    certificate_arn = optional(string)
  })
  default = null

  validation {
    condition     = var.domain == null || can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.domain.name))
    error_message = "domain.name must be a host name in lower case, such as tunnels.example.com, without scheme, port or asterisk."
  }
  validation {
    condition     = var.domain == null || try(var.domain.zone_id, null) != null || try(var.domain.certificate_arn, null) != null
    error_message = "domain needs zone_id (then records and certificate are made) or certificate_arn."
  }
  validation {
    condition     = var.domain == null || var.front_door == "http_api"
    error_message = "Function URLs have no domains: leave domain out, or set front_door to http_api."
  }
}

variable "jwt" {
  description = <<-EOT
    Let agents also log in with tokens of your identity provider. null: with Hatchway's own tokens only.
    jwks_url: its public keys, for RS256 and ES256.
    secret_parameter: name of the SSM parameter (SecureString, yours) that holds the key for HS256. The key itself never passes through Terraform.
    secret_kms_key_arn: the key of your own that encrypts the parameter, if one does.
  EOT
  type = object({
    issuer             = string
    audience           = string
    algorithms         = list(string)
    jwks_url           = optional(string)
    secret_parameter   = optional(string)
    secret_kms_key_arn = optional(string)
  })
  default = null

  validation {
    condition     = var.jwt == null || try(length(var.jwt.algorithms) > 0 && length(setsubtract(var.jwt.algorithms, ["HS256", "RS256", "ES256"])) == 0, false)
    error_message = "jwt.algorithms is a list of HS256, RS256 and ES256."
  }
  validation {
    condition     = var.jwt == null || try(startswith(var.jwt.jwks_url, "https://"), false) == try(length(setintersection(var.jwt.algorithms, ["RS256", "ES256"])) > 0, false)
    error_message = "RS256 and ES256 need jwt.jwks_url, which begins with https://; HS256 alone has none."
  }
  validation {
    condition     = var.jwt == null || try(startswith(var.jwt.secret_parameter, "/"), false) == try(contains(var.jwt.algorithms, "HS256"), false)
    error_message = "HS256 needs jwt.secret_parameter, which begins with a slash; the others have none."
  }
}

variable "memory" {
  description = "Memory of the function in MB. It is paid while requests wait; below 512, large bodies get slow."
  type        = number
  default     = 512

  validation {
    condition     = var.memory >= 128 && var.memory <= 10240 && floor(var.memory) == var.memory
    error_message = "memory is a whole number of MB from 128 to 10240."
  }
}

variable "reserved_concurrency" {
  description = "At most so many requests at once, which also limits what a flood can cost. -1: what the account allows."
  type        = number
  default     = -1

  validation {
    condition     = var.reserved_concurrency == -1 || var.reserved_concurrency >= 2
    error_message = "reserved_concurrency is -1, or at least 2: an agent's messages need the function while a visitor waits."
  }
}

variable "throttle" {
  description = "Requests a second (rate), and at once (burst), for the visitors' API; the agents' API gets four times as much, since a reply takes several messages. Best effort, as all throttling of API Gateway."
  type        = object({ rate = number, burst = number })
  default     = { rate = 500, burst = 1000 }

  validation {
    # 0 would block everything.
    condition     = var.throttle.rate >= 1 && var.throttle.burst >= 1
    error_message = "throttle.rate and throttle.burst are at least 1."
  }
}
