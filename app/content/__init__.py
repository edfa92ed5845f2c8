"""What a body is: content codings, charsets, kinds, and how to look into JSON, forms and multipart. No I/O."""
