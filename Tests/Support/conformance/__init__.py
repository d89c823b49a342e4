# SPDX-License-Identifier: Apache-2.0
"""What a Kubernetes API server answers, as a table that runs against any of them."""
