"""OData 4.0 over HTTP: what is asked in addresses, and what is answered."""
