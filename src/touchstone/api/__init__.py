"""The API: the house's acts and reads over HTTP for other systems; tokens, problems, paging, limits."""
