-- The units of the organisation, with the one above each and whoever leads it.
SELECT unit, parent, lead
FROM unit
ORDER BY unit
