"""May this be asked, may it be released: the only room that builds `Released`."""
