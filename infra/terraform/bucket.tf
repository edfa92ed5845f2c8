# Bodies that are too large for messages. Nothing in here is older than a day or two.
resource "aws_s3_bucket" "bodies" {
  # AWS adds something random: visitors who are sent here see the name, and the account is none of their business.
  bucket_prefix = "${var.name}-"
  force_destroy = true
}

resource "aws_s3_bucket_public_access_block" "bodies" {
  bucket                  = aws_s3_bucket.bodies.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "bodies" {
  bucket = aws_s3_bucket.bodies.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "bodies" {
  bucket = aws_s3_bucket.bodies.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "bodies" {
  bucket = aws_s3_bucket.bodies.id

  rule {
    id     = "everything-after-a-day"
    status = "Enabled"

    filter {}

    expiration {
      days = 1
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

# A page that fetches a large answer is sent here and must be let in; the presigned URL is what protects the body. The
# tunnels' own pages may send credentials along, so they are named; pages elsewhere come without an origin of their own
# once they have been sent on, and may not.
resource "aws_s3_bucket_cors_configuration" "bodies" {
  bucket = aws_s3_bucket.bodies.id

  dynamic "cors_rule" {
    for_each = [concat([local.public_url], local.wildcard ? ["https://*.${local.host_base}"] : []), ["*"]]

    content {
      # Pages of the tunnels put uploads there that the front door does not take.
      allowed_methods = cors_rule.key == 0 ? ["GET", "HEAD", "PUT"] : ["GET", "HEAD"]
      allowed_origins = cors_rule.value
      allowed_headers = ["*"]
      expose_headers  = ["Content-Disposition", "Content-Length", "Content-Range", "ETag"]
      max_age_seconds = 3600
    }
  }
}

resource "aws_s3_bucket_policy" "bodies" {
  bucket = aws_s3_bucket.bodies.id
  policy = data.aws_iam_policy_document.bodies.json

  depends_on = [aws_s3_bucket_public_access_block.bodies]
}

data "aws_iam_policy_document" "bodies" {
  statement {
    sid       = "NothingWithoutTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.bodies.arn, "${aws_s3_bucket.bodies.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  # A presigned URL that leaks is worth little, whatever its own expiry says.
  statement {
    sid       = "NoOldPresignedUrls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["${aws_s3_bucket.bodies.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "StringEquals"
      variable = "s3:authType"
      values   = ["REST-QUERY-STRING"]
    }
    condition {
      test     = "NumericGreaterThan"
      variable = "s3:signatureAge"
      values   = [local.presigned_limit * 1000]
    }
  }
}
