"""PostgreSQL: the pool, transactions, batching, listening, the launcher and the migrations."""
