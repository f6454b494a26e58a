"""Words of the libraries that reach our pages and have no Indonesian of their own, or a poor one.

Nobody imports this: it is here for `makemessages` to find. The project's catalogue goes before
those of the libraries. A word stays exactly as the library has it, blanks and line ends included;
only what people here can meet is listed.
"""

from django.utils.translation import gettext_noop, ngettext_lazy

DJANGO = [
    gettext_noop("This field is required."),
    gettext_noop("Change history: %s"),
]

UNFOLD = [
    # Lists, filters, actions, pages
    gettext_noop("Filters"),
    gettext_noop("Apply Filters"),
    gettext_noop("Reset filters"),
    gettext_noop("No results found"),
    gettext_noop("This page yielded into no results. Create a new item or reset your filters."),
    gettext_noop("Type to search"),
    gettext_noop("Select record"),
    gettext_noop("Select all rows"),
    gettext_noop("Select action"),
    gettext_noop("Select action to run"),
    gettext_noop("Run"),
    gettext_noop("More actions"),
    gettext_noop("Expand row"),
    gettext_noop("Previous"),
    gettext_noop("Next"),
    gettext_noop("True"),
    gettext_noop("False"),
    # Forms
    gettext_noop("General"),
    gettext_noop("Select value"),
    gettext_noop("Date"),
    gettext_noop("Go back"),
    gettext_noop("This item will be deleted."),
    gettext_noop("Click to cancel"),
    gettext_noop("Toggle password visibility"),
    gettext_noop("After you've created a user, you’ll be able to edit more user options."),
    gettext_noop(
        "Raw passwords are not stored, so there is no way to see this user’s password, but you can "
        'change the password using <a href="{}" class="text-primary-600 dark:text-primary-500">'
        "this form</a>."
    ),
    # Around the page
    gettext_noop("Welcome"),
    gettext_noop("All applications"),
    gettext_noop("Light"),
    gettext_noop("Dark"),
    gettext_noop("System"),
    # Search over all tables
    gettext_noop("Search apps and models..."),
    gettext_noop("Recent searches"),
    gettext_noop("No recent searches"),
    gettext_noop("No results matching your query"),
    gettext_noop("Loading more results..."),
    ngettext_lazy(
        "\n                Found %(counter)s result in %(time)s seconds\n            ",
        "\n                Found %(counter)s results in %(time)s seconds\n            ",
        "counter",
    ),
]

OAUTH = [
    gettext_noop("client ID"),
    gettext_noop("client secret"),
    gettext_noop("Client secret for authentication"),
    gettext_noop(
        "Copy and store this secret now. Once saved, it will be hashed and cannot be recovered."
    ),
]

# What an integrator reads beside a field, or as the reason of a refusal.
REST_FRAMEWORK = [
    gettext_noop("Invalid input."),
    gettext_noop("Malformed request."),
    gettext_noop('Method "{method}" not allowed.'),
    gettext_noop("Expected available in {wait} second."),
    gettext_noop("Expected available in {wait} seconds."),
    gettext_noop("Invalid data. Expected a dictionary, but got {datatype}."),
    gettext_noop('Expected a list of items but got type "{input_type}".'),
    gettext_noop("This list may not be empty."),
    gettext_noop("Ensure this field has no more than {max_length} elements."),
    gettext_noop("Ensure this field has at least {min_length} elements."),
    gettext_noop("Must be a valid boolean."),
    gettext_noop("Not a valid string."),
    gettext_noop("This value does not match the required pattern."),
    gettext_noop("Must be a valid UUID."),
    gettext_noop("String value too large."),
    gettext_noop("A valid number is required."),
    gettext_noop("Expected a datetime but got a date."),
    gettext_noop("Expected a date but got a datetime."),
    gettext_noop("Datetime value out of range."),
    gettext_noop("Surrogate characters are not allowed: U+{code_point:X}."),
    gettext_noop("Invalid cursor"),
    gettext_noop("Invalid value."),
]
