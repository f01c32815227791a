"""`python -m tests.histories`: see `running`, which its own processes can import."""

from tests.histories.running import main

if __name__ == "__main__":
    main()
