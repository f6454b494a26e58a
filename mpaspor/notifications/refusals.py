class Undelivered(Exception):
    """The neighbour did not take the message; the text names why, without the recipient."""


class NotOnWhatsApp(Undelivered):
    """WhatsApp knows nobody with this number: the message is to go another way."""
