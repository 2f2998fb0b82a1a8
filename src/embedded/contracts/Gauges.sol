// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Pool} from "./Pool.sol";
import {PriceFeed} from "./PriceFeed.sol";
import {Vault} from "./Vault.sol";

/// @notice What the watchers measure, one call each. Behind no proxy: an upgrade of what is measured cannot change the rule.
contract Gauges {
    /// @notice Assets over what is owed, in hundredths of a percent, rounded down: below 10,000 is any shortfall at all.
    function vaultSolvency(Vault vault) external view returns (uint256) {
        return _ratio(vault.asset().balanceOf(address(vault)), vault.totalAssets());
    }

    /// @notice As {vaultSolvency}; debts count as assets, reserved fees as owed.
    function poolSolvency(Pool pool) external view returns (uint256) {
        uint256 has = pool.asset().balanceOf(address(pool)) + pool.totalDebt();
        return _ratio(has, pool.totalDeposits() + pool.reserves());
    }

    /// @notice Assets of one share, times 1e18.
    function sharePrice(Vault vault) external view returns (uint256) {
        uint256 shares = vault.totalShares();
        return shares == 0 ? 1e18 : (vault.totalAssets() * 1e18) / shares;
    }

    /// @notice Seconds since the feed's last price.
    function priceAge(PriceFeed feed) external view returns (uint256) {
        return block.timestamp - feed.updatedAt();
    }

    /// @notice What may still be deposited; negative when the cap is exceeded.
    function vaultRoom(Vault vault) external view returns (int256) {
        return int256(vault.cap()) - int256(vault.totalAssets());
    }

    /// @notice As {vaultRoom}.
    function poolRoom(Pool pool) external view returns (int256) {
        return int256(pool.cap()) - int256(pool.totalDeposits());
    }

    function _ratio(uint256 has, uint256 owes) private pure returns (uint256) {
        return owes == 0 ? 10_000 : (has * 10_000) / owes;
    }
}
