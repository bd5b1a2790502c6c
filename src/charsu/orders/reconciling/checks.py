"""What must be true of what providers say and the books do not."""

from charsu.kernel.check import Check

RECONCILING = (
    Check(
        "open_differences_differ_and_are_somebodys",
        "Every open difference to a provider is a role's to see to, and both sides do differ.",
        "SELECT count(*) FROM orders.payment_differences WHERE state = 'open'",
        """
        SELECT 'difference of payment ' || reference AS row,
               'is of ' || coalesce(nullif(owner, ''), 'nobody') || ', ' || kind
                   || ': ours ' || our_promised_minor || ', ' || our_taken_minor || ', '
                   || our_given_back_minor || ' ' || coalesce(our_currency, '') || '; theirs '
                   || their_promised_minor || ', ' || their_taken_minor || ', '
                   || their_given_back_minor || ' ' || coalesce(their_currency, '') AS problem
        FROM orders.payment_differences
        WHERE state = 'open'
          AND (owner <> 'manager'
               OR CASE kind
                  WHEN 'missing_in_books'
                  THEN their_promised_minor = 0 AND their_taken_minor = their_given_back_minor
                  WHEN 'missing_at_provider'
                  THEN our_promised_minor = 0 AND our_taken_minor = our_given_back_minor
                  WHEN 'other_currency' THEN our_currency = their_currency
                  ELSE our_promised_minor = their_promised_minor
                       AND our_taken_minor = their_taken_minor
                       AND our_given_back_minor = their_given_back_minor
                  END)
        """,
    ),
    Check(
        "readings_go_on_or_have_ended",
        "Every reading of a provider's statements has ended, or a process works on it.",
        "SELECT count(*) FROM orders.reconciliations",
        """
        SELECT 'reading of ' || r.provider AS row,
               'is ' || r.state || ', its process '
                   || coalesce(p.state, 'is not there') AS problem
        FROM orders.reconciliations r
        LEFT JOIN kernel.processes p ON p.id = r.id AND p.kind = 'orders.reconcile'
        WHERE CASE r.state WHEN 'reading' THEN coalesce(p.state, '') NOT IN ('running', 'stuck')
                           WHEN 'done' THEN coalesce(p.state, 'done') <> 'done'
                           ELSE p.state = 'done' END
        """,
    ),
)
