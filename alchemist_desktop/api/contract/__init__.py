"""The documented form of the HTTP face: its operations, the shapes of their replies, and the document made of them."""
