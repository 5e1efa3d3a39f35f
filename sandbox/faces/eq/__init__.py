"""EQ (equeues.com), a call centre on FreePBX, as its document has it: asked, never telling."""
