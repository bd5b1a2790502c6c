from charsu.cli import main

main()
