"""The hiring sheet: what contractors who offer themselves claim, beside what contractors were measured to bring."""
