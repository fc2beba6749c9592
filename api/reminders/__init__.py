"""Reminders of deadlines: who gets one on which day, and what it says.

A digest (`planning.approval.reminding.Digest`) says nothing of how it reaches its reader. Here it is written as a
letter, and the ledger and postman of mails see to it that it goes out once.
"""
