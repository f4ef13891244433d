"""Did it change what came of the work: designs that compare units with others that were not treated yet."""
