class Unfit(Exception):
    """A file that is not taken; `why` is one of the keys of `reading.REFUSALS`.

    Raised where no Django is (`workshop`).
    """

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)
