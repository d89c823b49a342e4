# SPDX-License-Identifier: Apache-2.0
"""What real clients and servers of HTTP/1 see through the mesh, beside what they see without it."""
