"""Work that takes longer than a transaction may, without anybody waiting for it."""

from charsu.kernel import Tx


def outlast(tx: Tx) -> None:
    """Be ended by the server, and the connection with it.

    One statement, so that the server's last words are heard: between two it just breaks.
    """
    tx.all(
        """
        SELECT set_config('transaction_timeout', '0', true),  -- a clock that runs is not set anew
               set_config('transaction_timeout', '1ms', true), pg_sleep(60)
        """
    )
