"""My work: the worklist, taking and handing over, counter intake."""
