from mpaspor.core.idempotency import IdempotencyKey

__all__ = ["IdempotencyKey"]
