variable "log_level" {
  description = "Least level of the function's log records. No level writes headers, bodies or tokens."
  type        = string
  default     = "INFO"

  validation {
    condition     = contains(["INFO", "WARNING", "ERROR"], var.log_level)
    error_message = "log_level is INFO, WARNING or ERROR."
  }
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
  default     = 14

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731], var.log_retention_days)
    error_message = "log_retention_days must be one that CloudWatch knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545 or 731."
  }
}

variable "access_logs" {
  description = "Write one line for each request that reaches the visitors' API: identifiers, status, times and sizes, no path and no address. About $0.20 per million requests."
  type        = bool
  default     = false
}

variable "socket_logs" {
  description = "Write what goes wrong at the agents' API, as for replies that the table refuses. Needs API Gateway's logging role in this account and region: see api_gateway_logging_role."
  type        = bool
  default     = false
}

variable "api_gateway_logging_role" {
  description = "Make that role and name it to API Gateway. It is one setting for the whole account and region: leave it false if anything else manages it."
  type        = bool
  default     = false
}

variable "tracing" {
  description = "Trace the function with X-Ray (about $5 per million traces)."
  type        = bool
  default     = false
}

variable "point_in_time_recovery" {
  description = "Keep backups of the table (tokens, tunnels, owners) for 35 days."
  type        = bool
  default     = false
}

variable "deletion_protection" {
  description = "Refuse to destroy the table, and with it all tokens and tunnel names, until this is set to false again."
  type        = bool
  default     = false
}

variable "alarms" {
  description = "Make alarms ($0.10 a month each)."
  type        = bool
  default     = true
}

variable "alarm_emails" {
  description = "Who gets mail when an alarm rises, or the budget is about to be spent. Each address has to confirm once."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.alarm_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "alarm_emails must be mail addresses."
  }
}

variable "alarm_topics" {
  description = "ARNs of SNS topics of yours that alarms go to as well."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.alarm_topics : can(regex("^arn:[a-z-]+:sns:", arn))])
    error_message = "alarm_topics must be ARNs of SNS topics."
  }
}

variable "dashboard" {
  description = "Make a dashboard (three are free in an account, then $3 a month each)."
  type        = bool
  default     = true
}

variable "monthly_budget" {
  description = "Monthly budget in US dollars for what carries this deployment's tag; mail at 80 % and when the forecast exceeds it. 0: none. Activate the tag hatchway:deployment for cost allocation in the billing console, or the budget sees nothing."
  type        = number
  default     = 0

  validation {
    condition     = var.monthly_budget >= 0
    error_message = "monthly_budget is not negative."
  }
  validation {
    condition     = var.monthly_budget == 0 || length(var.alarm_emails) > 0
    error_message = "A budget that tells nobody is of no use: set alarm_emails."
  }
}
