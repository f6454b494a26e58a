// A form came back with errors: bring the reader, and the screen reader, to the summary of them.
document.querySelector(".problems")?.focus();
