"""Stand-alone processes that play the service's neighbours over HTTP and SMTP.

They import nothing from the product.
"""
