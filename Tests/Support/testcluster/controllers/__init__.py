# SPDX-License-Identifier: Apache-2.0
"""What makes the cluster become what its objects say."""
